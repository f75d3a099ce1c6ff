"""The JSON bodies and query parameters of the API, as the OpenAPI document describes them."""
