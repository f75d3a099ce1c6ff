<?php
// PHP's own streams, as file_get_contents uses them.
[, $service, $key] = $argv;

function post(string $service, array $body, string $header = ''): array
{
    $http = ['method' => 'POST', 'header' => "Content-Type: application/json\r\n$header",
             'content' => json_encode($body), 'ignore_errors' => true];
    $answer = file_get_contents("$service/query", false, stream_context_create(['http' => $http]));
    return [(int) explode(' ', $http_response_header[0])[1], json_decode($answer, true)];
}

$face = ['properties' => ['variant' => 1]];
[, $miss] = post($service, $face, "X-API-Key: $key\r\n");
[, $hit] = post($service, $face);
[$error] = post($service, ['properties' => ['mood' => 'sad']]);
$picture = file_get_contents(str_replace('.webp', '.png', $hit['data']['image_url']));
[$width] = getimagesizefromstring($picture);
echo json_encode(compact('miss', 'hit', 'error', 'width'));
