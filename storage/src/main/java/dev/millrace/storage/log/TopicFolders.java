package dev.millrace.storage.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Where topics are: {@code team/pipeline/mode} below the log's folder, odd characters as %XX. Stateless. */
final class TopicFolders {
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    private TopicFolders() {}

    static Path of(Path root, TopicName name) {
        return root.resolve(encode(name.team()))
                .resolve(encode(name.pipeline()))
                .resolve(name.mode().name().toLowerCase(Locale.ROOT));
    }

    /** Folders from the topic's own up to {@code root}: those that get new entries when the topic is made. */
    static List<Path> upTo(Path root, Path topicFolder) {
        List<Path> folders = new ArrayList<>();
        for (Path folder = topicFolder; folder != null && folder.startsWith(root); folder = folder.getParent()) {
            folders.add(folder);
        }
        return folders;
    }

    static List<TopicName> list(Path root) throws IOException {
        List<TopicName> names = new ArrayList<>();
        for (Path team : folders(root)) {
            for (Path pipeline : folders(team)) {
                for (TopicName.Mode mode : TopicName.Mode.values()) {
                    if (Files.isDirectory(pipeline.resolve(mode.name().toLowerCase(Locale.ROOT)))) {
                        names.add(new TopicName(decode(team), decode(pipeline), mode));
                    }
                }
            }
        }
        return names;
    }

    private static List<Path> folders(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static String encode(String name) {
        StringBuilder text = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (PLAIN.indexOf(b) >= 0) {
                text.append((char) b);
            } else {
                text.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
            }
        }
        return text.toString();
    }

    private static String decode(Path folder) {
        String text = folder.getFileName().toString();
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%' && i + 2 < text.length()) {
                bytes[length++] = (byte) Integer.parseInt(text.substring(i + 1, i + 3), 16);
                i += 2;
            } else {
                bytes[length++] = (byte) text.charAt(i);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
