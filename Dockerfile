# docker build -t avatars-as-a-service .
# docker run -p 8000:8000 -e OPENAI_API_KEY -e DB_STRING -v avatars:/data --read-only --stop-timeout 150 avatars-as-a-service
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

# The project as a wheel.
FROM ${PYTHON_IMAGE} AS package
WORKDIR /source
COPY requirements/setup.txt requirements/setup.txt
RUN python3 -m venv /build \
    && /build/bin/pip install --quiet --no-cache-dir --require-hashes --requirement requirements/setup.txt
COPY pyproject.toml README.md LICENSE ./
COPY avatars_as_a_service avatars_as_a_service
RUN /build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheel .

# The environment: without pip, and without the packages' own tests, C sources, debugger's symbols, and large parts that
# nothing here loads.
FROM ${PYTHON_IMAGE} AS environment
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils
RUN python3 -m venv --without-pip /opt/avatars
COPY requirements/run.txt /requirements.txt
RUN python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir --no-compile \
        --require-hashes --requirement /requirements.txt
COPY --from=package /wheel /wheel
RUN python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir --no-compile --no-index --no-deps /wheel/*.whl \
    && find /opt/avatars -type d \( -name tests -o -name testing \) -path '*/site-packages/*' -prune -exec rm -rf {} + \
    && find /opt/avatars -type f \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' \) -delete \
    && for part in beta admin live realtime; do \
        rm -rf /opt/avatars/lib/python3*/site-packages/openai/types/$part /opt/avatars/lib/python3*/site-packages/openai/resources/$part; done \
    && rm -rf /opt/avatars/lib/python3*/site-packages/watchfiles \
    && find /opt/avatars -path '*/pygments/lexers/*.py' ! -name '__init__.py' ! -name '_mapping.py' ! -name 'python.py' -delete \
    && find /opt/avatars -type f -name '*.so' ! -path '*.libs/*' -exec strip --strip-debug {} +

# The whole file system of the image: no pip and no package manager any more, and bytecode, since a read-only container
# cannot keep its own; of the two packages that are large and hardly used, only of what the service loads.
FROM ${PYTHON_IMAGE} AS system
RUN python3 -c "import glob, importlib.util as u, shutil; \
found = [s.submodule_search_locations[0] for n in ('pip', 'setuptools', 'ensurepip') if (s := u.find_spec(n))]; \
[shutil.rmtree(p) for f in found for p in [f, *glob.glob(f + '-*.dist-info')]]" \
    && dpkg-query --show --showformat '${Package}\n' \
        | grep --extended-regexp '^(apt|perl-base|gpgv|debian-archive-keyring|libapt-pkg[0-9.]+|libgnutls30|libp11-kit0|libhogweed6|libnettle8|libdb5.3|libsystemd0)(t64)?$' \
        | xargs dpkg --purge --force-all >/dev/null 2>&1 \
    && rm -rf /usr/local/bin/pip* /usr/bin/pip* /usr/share/python-wheels /usr/lib/python3/dist-packages /usr/lib/*/gconv /usr/share/locale \
        /usr/share/doc /usr/share/man /var/lib/apt /var/cache/apt /var/cache/debconf \
    && for library in /usr/lib/python3* /usr/local/lib/python3*; do \
        rm -rf "$library"/idlelib "$library"/turtledemo "$library"/pydoc_data "$library"/lib2to3 "$library"/test; done
COPY --from=environment /opt/avatars /opt/avatars
RUN /opt/avatars/bin/python -m compileall -q -j 0 -x '/(openai|pygments)/' /opt/avatars/lib \
    && /opt/avatars/bin/python -c "import avatars_as_a_service.cli, openai.resources.images, uvicorn.loops.auto, \
opentelemetry.exporter.otlp.proto.http.trace_exporter" \
    && mkdir /data

# From nothing, so that what was removed from the base is not carried along.
FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG PYTHON_IMAGE
LABEL org.opencontainers.image.title="Avatars as a Service" \
      org.opencontainers.image.description="AI-drawn avatars for any web application; each distinct face is paid for once." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}"
COPY --from=system / /
# Numbers for the user, so that Kubernetes can see that it is not root.
COPY --from=system --chown=10001:10001 /data /data
ENV PATH=/opt/avatars/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AVATARS_HOST=0.0.0.0 \
    AVATARS_SPOOL=/data/spool
# DB_STRING is not set here: its default, data/ in the working directory, is /data; and `docker run -e DB_STRING`
# with no such variable outside would take a value of ours away. /data is no VOLUME: an anonymous one would be lost
# with the container, unseen, and the service could not warn of it.
WORKDIR /
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python3", "-c", "import http.client, os, sys; p = [os.environ.get(n, '').strip() for n in ('AVATARS_PORT', 'PORT')]; c = http.client.HTTPConnection('127.0.0.1', int(next(filter(str.isdigit, p), 8000)), timeout=2); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["avatars"]
CMD ["serve"]
