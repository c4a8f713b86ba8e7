package io.breakwater.local;

import java.util.Map;

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

        @Override
        public String options(String node, Map<Integer, String> raftPorts) {
            return "";
        }
    };

    boolean direct();

    /** At which port of 127.0.0.1 a server reaches a port of another one. */
    int port(String from, String to, int port);

    /**
     * Options of a controller node's JVM by which its Raft traffic goes over the link. Its peers' addresses have to be
     * the same for all nodes: the leader hands them on.
     *
     * @param raftPorts of all controller nodes, with the servers' names
     */
    String options(String node, Map<Integer, String> raftPorts);
}
