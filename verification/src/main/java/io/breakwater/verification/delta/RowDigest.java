package io.breakwater.verification.delta;

import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;

/**
 * A digest of rows that does not depend on their order: the sum, modulo 2^256, of the SHA-256 of each row. Sums, unlike
 * exclusive ors, count duplicates. For one thread.
 */
final class RowDigest {

    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

    private final MessageDigest sha256 = sha256();
    private BigInteger sum = BigInteger.ZERO;
    private long rows;

    /** The batch's selected rows. */
    void add(FilteredColumnarBatch batch) {
        ColumnarBatch data = batch.getData();
        Optional<ColumnVector> selected = batch.getSelectionVector();
        for (int row = 0; row < data.getSize(); row++) {
            if (selected.isEmpty()
                    || (!selected.get().isNullAt(row) && selected.get().getBoolean(row))) {
                add(data, row);
            }
        }
    }

    private void add(ColumnarBatch data, int row) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            StructType schema = data.getSchema();
            for (int column = 0; column < schema.length(); column++) {
                cell(data.getColumnVector(column), row, schema.at(column).getDataType(), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sum = sum.add(new BigInteger(1, sha256.digest(bytes.toByteArray()))).mod(MODULUS);
        rows++;
    }

    long rows() {
        return rows;
    }

    String hex() {
        return String.format(Locale.ROOT, "%064x", sum);
    }

    private static void cell(ColumnVector column, int row, DataType type, DataOutputStream out) throws IOException {
        boolean isNull = column.isNullAt(row);
        out.writeBoolean(isNull);
        if (!isNull) {
            value(column, row, type, out);
        }
    }

    private static void value(ColumnVector column, int row, DataType type, DataOutputStream out) throws IOException {
        if (type instanceof StructType struct) {
            for (int i = 0; i < struct.length(); i++) {
                cell(column.getChild(i), row, struct.at(i).getDataType(), out);
            }
        } else if (type instanceof ArrayType array) {
            ArrayValue elements = column.getArray(row);
            cells(elements.getElements(), elements.getSize(), array.getElementType(), out);
        } else if (type instanceof MapType map) {
            MapValue entries = column.getMap(row);
            cells(entries.getKeys(), entries.getSize(), map.getKeyType(), out);
            cells(entries.getValues(), entries.getSize(), map.getValueType(), out);
        } else {
            plain(column, row, type, out);
        }
    }

    private static void cells(ColumnVector column, int size, DataType type, DataOutputStream out) throws IOException {
        out.writeInt(size);
        for (int i = 0; i < size; i++) {
            cell(column, i, type, out);
        }
    }

    private static void plain(ColumnVector column, int row, DataType type, DataOutputStream out) throws IOException {
        if (type instanceof StringType) {
            bytes(column.getString(row).getBytes(StandardCharsets.UTF_8), out);
        } else if (type instanceof BinaryType) {
            bytes(column.getBinary(row), out);
        } else if (type instanceof DecimalType) {
            bytes(column.getDecimal(row).toString().getBytes(StandardCharsets.UTF_8), out);
        } else if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) {
            out.writeLong(column.getLong(row));
        } else if (type instanceof IntegerType || type instanceof DateType) {
            out.writeInt(column.getInt(row));
        } else if (type instanceof ShortType) {
            out.writeShort(column.getShort(row));
        } else if (type instanceof ByteType) {
            out.writeByte(column.getByte(row));
        } else if (type instanceof BooleanType) {
            out.writeBoolean(column.getBoolean(row));
        } else if (type instanceof DoubleType) {
            out.writeDouble(column.getDouble(row));
        } else if (type instanceof FloatType) {
            out.writeFloat(column.getFloat(row));
        } else {
            throw new UnsupportedOperationException("values of type " + type + " have no digest");
        }
    }

    private static void bytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
