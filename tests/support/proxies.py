"""nginx, Caddy, Apache and HAProxy in front of a service, which they serve below a path."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.support.databases import REQUIRED
from tests.support.program import answers, running
from tests.support.service_runner import free_port

IDLE_S: Final = 1
"""How long each keeps an idle connection to the service."""
_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"
_APACHE_MODULES: Final = Path("/usr/lib/apache2/modules")

NGINX: Final = """
daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream avatars {{ server 127.0.0.1:{service}; keepalive 64; keepalive_timeout {idle}s; }}
    map $http_x_forwarded_proto $schemes {{ "" $scheme; default "$http_x_forwarded_proto, $scheme"; }}
    map $http_x_forwarded_host $hosts {{ "" $http_host; default "$http_x_forwarded_host, $http_host"; }}
    server {{
        listen 127.0.0.1:{port}{tls};
        location {path} {{
            proxy_pass http://avatars/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $schemes;
            proxy_set_header X-Forwarded-Host $hosts;
            {prefix}
        }}
    }}
}}
"""
CADDY: Final = """
{{
    admin off
    auto_https off
    servers {{
        protocols h1 h2
    }}
}}
{scheme}://:{port} {{
    bind 127.0.0.1
    {tls}
    handle_path {path}* {{
        reverse_proxy 127.0.0.1:{service} {{
            trusted_proxies 127.0.0.1
            {prefix}
            transport http {{
                keepalive {idle}s
            }}
        }}
    }}
}}
"""
APACHE: Final = """
{modules}
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/log
User {user}
Group {user}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
DefaultRuntimeDir {folder}
{tls}
RequestHeader append X-Forwarded-Proto {scheme}
{prefix}
ProxyPass {path} http://127.0.0.1:{service}/ ttl={idle}
"""
HAPROXY: Final = """
global
    tune.pool-high-fd-ratio 20
defaults
    mode http
    timeout connect 5s
    timeout client 150s
    timeout server 150s
frontend visitors
    bind 127.0.0.1:{port}{tls}
    acl below path_beg {path}
    use_backend avatars if below
backend avatars
    option forwardfor
    http-request add-header X-Forwarded-Proto {scheme}
    http-request add-header X-Forwarded-Host %[req.hdr(Host)]
    {prefix}
    http-request replace-path {path}(.*) /\\1
    server one 127.0.0.1:{service} pool-purge-delay {idle}s
"""
_MODULES: Final = ("mpm_event", "authz_core", "headers", "proxy", "proxy_http", "ssl")
_TEXTS: Final = {"nginx": NGINX, "caddy": CADDY, "apache2": APACHE, "haproxy": HAPROXY}
_PREFIXES: Final = {
    "nginx": "proxy_set_header X-Forwarded-Prefix {prefix};",
    "caddy": "header_up X-Forwarded-Prefix {prefix}",
    "apache2": "RequestHeader append X-Forwarded-Prefix {prefix}",
    "haproxy": "http-request add-header X-Forwarded-Prefix {prefix}",
}
_TLS: Final = {
    "nginx": " ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate}",
    "caddy": "tls {certificate} {certificate}",
    "apache2": "SSLEngine on\nSSLCertificateFile {certificate}",
    "haproxy": " ssl crt {certificate}",
}
NAMES: Final = tuple(_TEXTS)


@contextmanager
def proxy(
    name: str, service: int, folder: Path, *, prefix: str = "/avatars", certificate: Path | None = None
) -> Iterator[str]:
    """That proxy in front of the service on that port: the URL below which it serves it. Skips where it is missing.

    It appends its own entries to the forwarding headers of a proxy before it. With a ``certificate`` (a PEM file of the
    key and the chain), it takes TLS.
    """
    program = shutil.which(name, path=_PATH)
    if program is None:
        (pytest.fail if REQUIRED else pytest.skip)(f"there is no {name}")
    port = free_port()
    folder = folder / name
    folder.mkdir()
    folder.chmod(0o777)
    modules = "\n".join(f"LoadModule {each}_module {_APACHE_MODULES}/mod_{each}.so" for each in _MODULES)
    scheme = "http" if certificate is None else "https"
    written = _TEXTS[name].format(
        folder=folder,
        port=port,
        service=service,
        idle=IDLE_S,
        modules=modules,
        user=_user(name),
        scheme=scheme,
        path=f"{prefix}/",
        prefix=_PREFIXES[name].format(prefix=prefix) if prefix else "",
        tls=_TLS[name].format(certificate=certificate) if certificate else "",
    )
    configuration = folder / "Caddyfile"
    configuration.write_text(written)
    commands = {
        "nginx": [program, "-c", str(configuration), "-e", f"{folder}/log", "-g", f"user {_user(name)};"],
        "caddy": [program, "run", "--config", str(configuration), "--adapter", "caddyfile"],
        "apache2": [program, "-f", str(configuration), "-D", "FOREGROUND"],
        "haproxy": [program, "-db", "-f", str(configuration)],
    }
    environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    url = f"{scheme}://127.0.0.1:{port}{prefix}"
    with running(commands[name], folder / "out", is_up=lambda: answers(f"{url}/healthz"), environment=environment):
        yield url


def _user(name: str) -> str:
    return "root" if name == "nginx" and os.getuid() == 0 else "www-data"
