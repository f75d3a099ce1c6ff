# The service with reload, and the tools of `make test` and `make lint`, on the source outside:
#   docker build -f development.Dockerfile -t avatars-development --build-arg UID=$(id -u) --build-arg GID=$(id -g) .
#   docker run -p 8000:8000 -v "$PWD:/source" avatars-development
#   docker run -v "$PWD:/source" avatars-development pytest
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE}
ARG UID=1000
ARG GID=1000
RUN python3 -m venv --without-pip /opt/avatars
COPY requirements/setup.txt requirements/dev.txt /requirements/
RUN for list in setup dev; do python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir \
        --require-hashes --requirement /requirements/$list.txt; done
WORKDIR /source
COPY . .
# Editable: what is mounted on /source later takes the place of this copy.
RUN python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir --no-deps --no-build-isolation --editable . \
    && groupadd --non-unique --gid $GID developer \
    && useradd --non-unique --uid $UID --gid $GID --create-home developer \
    && mkdir -p data && chown -R $UID:$GID .
ENV PATH=/opt/avatars/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER $UID:$GID
EXPOSE 8000
CMD ["uvicorn", "main:app", "--reload", "--host", "0.0.0.0", "--port", "8000"]
