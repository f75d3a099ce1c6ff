import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/** Java's own client in its default version, which offers HTTP/2 with each first request. */
public class Ask {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] args) throws Exception {
        String service = args[0], key = args[1];
        String face = "{\"properties\": {\"variant\": 1}}";
        var miss = post(service, key, face);
        var hit = HttpClient.newHttpClient().send(request(service, "", face), HttpResponse.BodyHandlers.ofString());
        var error = post(service, key, "{\"properties\": {\"mood\": \"sad\"}}");
        var found = Pattern.compile("\"image_url\":\"([^\"]+)\"").matcher(hit.body());
        found.find();
        var url = URI.create(found.group(1).replace(".webp", ".png"));
        var picture = CLIENT.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream());
        System.out.printf("{\"miss\": %s, \"hit\": %s, \"error\": %d, \"width\": %d}%n",
            miss.body(), hit.body(), error.statusCode(), ImageIO.read(picture.body()).getWidth());
    }

    static HttpResponse<String> post(String service, String key, String body) throws Exception {
        return CLIENT.send(request(service, key, body), HttpResponse.BodyHandlers.ofString());
    }

    static HttpRequest request(String service, String key, String body) {
        var request = HttpRequest.newBuilder(URI.create(service + "/query")).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
        return (key.isEmpty() ? request : request.header("X-API-Key", key)).build();
    }
}
