package io.breakwater.controller.api;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for requests that read servers: a few run and a few wait; one more is refused. */
final class RequestThreads {

    private static final int THREADS = 2;
    private static final int WAITING = 16;

    private RequestThreads() {}

    static ThreadPoolExecutor named(String name) {
        return new ThreadPoolExecutor(
                THREADS, THREADS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }
}
