package io.breakwater.controller.routing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * A hosted zone as Amazon Route 53 has it (API 2013-04-01): ChangeResourceRecordSets, GetChange,
 * ListResourceRecordSets. A change is PENDING when it is first looked at, then INSYNC.
 */
final class Route53Server implements AutoCloseable {

    private static final String NAMESPACE = "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";

    private final HttpServer server;
    private final String zone;
    private final TreeMap<String, List<String>> records = new TreeMap<>();
    private int changes;
    private int looks;
    private boolean deaf;

    Route53Server(String zone) throws IOException {
        this.zone = zone;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/2013-04-01/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized List<String> values(String name, String type) {
        return records.getOrDefault(key(name, type), List.of());
    }

    synchronized int changes() {
        return changes;
    }

    synchronized int looks() {
        return looks;
    }

    /** As if something else wrote the record each time. */
    synchronized void forgetChanges() {
        deaf = true;
    }

    synchronized void put(String name, String type, String value) {
        records.put(key(name, type), List.of(value));
    }

    private static String key(String name, String type) {
        return name + " " + type;
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().replaceFirst("/$", "");
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean signed = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=");
        if (!signed) {
            answer(exchange, 403, error("MissingAuthenticationToken"));
        } else if (path.equals("/2013-04-01/hostedzone/" + zone + "/rrset")) {
            answer(exchange, 200, exchange.getRequestMethod().equals("POST") ? change(body) : list(exchange));
        } else if (path.startsWith("/2013-04-01/change/")) {
            looks++;
            answer(
                    exchange,
                    200,
                    "<GetChangeResponse " + NAMESPACE + ">" + info(looks > 1 ? "INSYNC" : "PENDING")
                            + "</GetChangeResponse>");
        } else {
            answer(exchange, 404, error("NoSuchHostedZone"));
        }
    }

    private String change(byte[] body) {
        Document document = parse(body);
        NodeList all = document.getElementsByTagName("Change");
        changes++;
        looks = 0;
        for (int i = 0; i < all.getLength() && !deaf; i++) {
            Element change = (Element) all.item(i);
            if (!text(change, "Action").equals("UPSERT")) {
                throw new IllegalStateException("not an UPSERT: " + text(change, "Action"));
            }
            NodeList values = change.getElementsByTagName("Value");
            List<String> texts = new ArrayList<>();
            for (int v = 0; v < values.getLength(); v++) {
                texts.add(values.item(v).getTextContent());
            }
            records.put(key(text(change, "Name"), text(change, "Type")), texts);
        }
        return "<ChangeResourceRecordSetsResponse " + NAMESPACE + ">" + info("PENDING")
                + "</ChangeResourceRecordSetsResponse>";
    }

    /** From the asked-for record set on, as Route 53 does: the caller has to see whether it is the one. */
    private String list(HttpExchange exchange) {
        Map<String, String> query = new TreeMap<>();
        for (String pair : exchange.getRequestURI().getRawQuery().split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        StringBuilder sets = new StringBuilder();
        String from = records.ceilingKey(key(query.getOrDefault("name", ""), query.getOrDefault("type", "")));
        if (from != null) {
            String[] name = from.split(" ", 2);
            sets.append("<ResourceRecordSet><Name>")
                    .append(name[0])
                    .append("</Name><Type>")
                    .append(name[1])
                    .append("</Type><TTL>30</TTL><ResourceRecords>");
            records.getOrDefault(from, List.of())
                    .forEach(value ->
                            sets.append("<ResourceRecord><Value>").append(value).append("</Value></ResourceRecord>"));
            sets.append("</ResourceRecords></ResourceRecordSet>");
        }
        return "<ListResourceRecordSetsResponse " + NAMESPACE + "><ResourceRecordSets>" + sets
                + "</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems>"
                + "</ListResourceRecordSetsResponse>";
    }

    private static String info(String status) {
        return "<ChangeInfo><Id>/change/C1</Id><Status>" + status
                + "</Status><SubmittedAt>2026-11-22T03:00:00Z</SubmittedAt></ChangeInfo>";
    }

    private static String error(String code) {
        return "<ErrorResponse " + NAMESPACE + "><Error><Type>Sender</Type><Code>" + code
                + "</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    }

    private static Document parse(byte[] xml) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(xml));
        } catch (Exception e) {
            throw new IllegalStateException("not XML: " + new String(xml, StandardCharsets.UTF_8), e);
        }
    }

    private static String text(Element element, String tag) {
        return element.getElementsByTagName(tag).item(0).getTextContent();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = ("<?xml version=\"1.0\"?>" + body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
