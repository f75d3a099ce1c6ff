service=$1 key=$2
post() { wget --quiet --output-document=- --header='Content-Type: application/json' "$@" "$service/query"; }
face='{"properties": {"variant": 1}}'
miss=$(post --post-data="$face" --header="X-API-Key: $key")
hit=$(post --post-data="$face")
error=$(post --post-data='{"properties": {"mood": "sad"}}' --server-response 2>&1 | awk '/HTTP\// { print $2 }')
url=$(printf %s "$hit" | sed 's/.*"image_url":"\([^"]*\)".*/\1/; s/\.webp/.png/')
width=$(wget --quiet --output-document=- "$url" | od -An -j16 -N4 -tu1 | awk '{ print $3 * 256 + $4 }')
printf '{"miss": %s, "hit": %s, "error": %s, "width": %s}\n' "$miss" "$hit" "$error" "$width"
