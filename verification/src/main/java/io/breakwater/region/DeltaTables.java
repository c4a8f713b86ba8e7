package io.breakwater.region;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Region.ObjectStoreSite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which tables an asset of the platform file means: one by its path ({@code path}, with a {@code name}), those whose
 * path matches a pattern ({@code path} with {@code *} for any part of one folder's name), or all below a place
 * ({@code prefix}). A table is a folder that has a folder {@code _delta_log}; nothing is looked for inside a table, nor
 * in folders whose names begin with {@code _} or {@code .}.
 *
 * <p>Looking costs a listing a folder, whatever the tables hold. Stateless.
 */
public final class DeltaTables {

    /** Folders that are looked at for one asset; more is a mistake in the platform file. */
    private static final int MOST_FOLDERS = 20_000;

    private static final int DEEPEST = 8;

    /**
     * One table.
     *
     * @param path as in the platform file, with the role of its bucket: the same on both sides
     */
    public record Table(String name, String path) {}

    private DeltaTables() {}

    /** Whether an asset means whatever is there, so that it must be looked at again and again. */
    public static boolean isOpen(AssetSpec spec) {
        return spec.setting("prefix").isPresent() || spec.required("path").contains("*");
    }

    /** Where the table of this name is, if the asset can mean it; that it is there is not looked for. */
    public static Optional<String> path(AssetSpec spec, String name) {
        if (!isOpen(spec)) {
            return spec.setting("name").filter(name::equals).map(own -> spec.required("path"));
        }
        boolean below = spec.setting("prefix").isPresent();
        String place = trimmed(below ? spec.required("prefix") : spec.required("path"));
        int bucket = place.indexOf('/', "s3://".length());
        String path = (bucket < 0 ? place : place.substring(0, bucket)) + "/" + name;
        boolean meant = below ? path.startsWith(place + "/") || path.equals(place) : matches(place, path);
        return meant ? Optional.of(path) : Optional.empty();
    }

    private static boolean matches(String pattern, String path) {
        String[] wanted = pattern.split("/", -1);
        String[] folders = path.split("/", -1);
        return wanted.length == folders.length
                && IntStream.range(0, wanted.length)
                        .allMatch(i -> glob(wanted[i]).matcher(folders[i]).matches());
    }

    /**
     * @param store of the region in which to look; not asked for a table that is named
     * @throws InvalidPlatformException if the asset does not say what it means
     * @throws ObjectStoreException if the store fails
     */
    public static List<Table> of(AssetSpec spec, ObjectStoreSite site, ObjectStore store) {
        if (!isOpen(spec)) {
            return List.of(new Table(spec.required("name"), spec.required("path")));
        }
        if (spec.setting("name").isPresent()
                || (spec.setting("prefix").isPresent() && spec.setting("path").isPresent())) {
            throw new InvalidPlatformException(List.of("assets: " + spec.settings() + ": a table has 'name' and 'path';"
                    + " tables that are to be found have 'prefix', or a 'path' with '*', and no name"));
        }
        return spec.setting("prefix").isPresent()
                ? below(trimmed(spec.required("prefix")), site, store)
                : matching(trimmed(spec.required("path")), site, store);
    }

    private static List<Table> below(String prefix, ObjectStoreSite site, ObjectStore store) {
        List<Table> found = new ArrayList<>();
        record Place(String path, int depth) {}
        Deque<Place> todo = new ArrayDeque<>(List.of(new Place(prefix, 0)));
        for (int looked = 0; !todo.isEmpty(); looked++) {
            check(prefix, looked);
            Place place = todo.remove();
            List<String> folders = store.folders(ObjectUri.parse(site.locate(place.path() + "/")));
            if (folders.contains("_delta_log")) {
                found.add(named(place.path()));
            } else if (place.depth() < DEEPEST) {
                folders.stream()
                        .filter(name -> !name.startsWith("_") && !name.startsWith("."))
                        .forEach(name -> todo.add(new Place(place.path() + "/" + name, place.depth() + 1)));
            }
        }
        return found;
    }

    private static List<Table> matching(String path, ObjectStoreSite site, ObjectStore store) {
        int bucket = path.indexOf('/', "s3://".length());
        if (bucket < 0 || path.substring(0, bucket).contains("*")) {
            throw new InvalidPlatformException(
                    List.of("assets: path '" + path + "': expected s3://bucket/folders, with '*' in folders only"));
        }
        List<String> places = List.of(path.substring(0, bucket));
        int looked = 0;
        for (String segment : path.substring(bucket + 1).split("/", -1)) {
            List<String> next = new ArrayList<>();
            for (String place : places) {
                if (!segment.contains("*")) {
                    next.add(place + "/" + segment);
                    continue;
                }
                check(path, ++looked);
                Pattern name = glob(segment);
                store.folders(ObjectUri.parse(site.locate(place + "/"))).stream()
                        .filter(folder -> name.matcher(folder).matches() && !folder.startsWith("_"))
                        .forEach(folder -> next.add(place + "/" + folder));
            }
            places = next;
        }
        List<Table> found = new ArrayList<>();
        for (String place : places) {
            check(path, ++looked);
            if (store.folders(ObjectUri.parse(site.locate(place + "/"))).contains("_delta_log")) {
                found.add(named(place));
            }
        }
        return found;
    }

    private static void check(String what, int looked) {
        if (looked >= MOST_FOLDERS) {
            throw new InvalidPlatformException(List.of("assets: more than " + MOST_FOLDERS
                    + " folders are to be looked at" + " for '" + what + "': name a place nearer to the tables"));
        }
    }

    private static Pattern glob(String segment) {
        StringBuilder pattern = new StringBuilder();
        for (String literal : segment.split("\\*", -1)) {
            pattern.append(pattern.isEmpty() ? "" : ".*").append(literal.isEmpty() ? "(?:)" : Pattern.quote(literal));
        }
        return Pattern.compile(pattern.toString());
    }

    /** The name is the path without its bucket: it does not change when further tables are found. */
    private static Table named(String path) {
        int bucket = path.indexOf('/', "s3://".length());
        return new Table(path.substring(bucket + 1), path);
    }

    private static String trimmed(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
