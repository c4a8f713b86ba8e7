package io.breakwater.region;

import java.io.FilterInputStream;
import java.io.InputStream;

/** The bytes of an answer; closing them closes the answer. */
final class AnswerBody extends FilterInputStream {

    private final S3Wire.Answer answer;

    AnswerBody(S3Wire.Answer answer, InputStream bytes) {
        super(bytes);
        this.answer = answer;
    }

    @Override
    public void close() {
        answer.close();
    }
}
