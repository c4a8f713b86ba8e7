package io.breakwater.local;

/**
 * What stands between the servers of a platform: nothing, unless somebody wants to cut them off from each other. Servers
 * are named as in the progress lines.
 */
public interface Links {

    /** Nothing stands between them, and all are given the same platform file. */
    Links DIRECT = new Links() {
        @Override
        public boolean direct() {
            return true;
        }

        @Override
        public int port(String from, String to, int port) {
            return port;
        }
    };

    boolean direct();

    /** At which port of 127.0.0.1 a server reaches a port of another one. */
    int port(String from, String to, int port);
}
