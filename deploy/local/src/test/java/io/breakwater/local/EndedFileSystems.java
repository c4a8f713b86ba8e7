package io.breakwater.local;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * After each class of tests: Hadoop keeps a client for each bucket's name as long as the JVM lives, and the servers that
 * a class has started are gone when the next class has buckets of the same names elsewhere.
 */
public final class EndedFileSystems implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        FileSystem.closeAll();
    }
}
