# curl, which offers HTTP/2 as --http2 has it do.
service=$1 key=$2
post() { curl --silent --http2 "$service/query" --json "$@"; }
face='{"properties": {"variant": 1}}'
miss=$(post "$face" --header "X-API-Key: $key")
hit=$(post "$face")
error=$(post '{"properties": {"mood": "sad"}}' --output /dev/null --write-out '%{http_code}')
url=$(printf %s "$hit" | sed 's/.*"image_url":"\([^"]*\)".*/\1/; s/\.webp/.png/')
width=$(curl --silent --http2 "$url" | od -An -j16 -N4 -tu1 | awk '{ print $3 * 256 + $4 }')
printf '{"miss": %s, "hit": %s, "error": %s, "width": %s}\n' "$miss" "$hit" "$error" "$width"
