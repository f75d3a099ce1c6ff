# The service with reload, and the tools of `make test` and `make lint`, on the source outside:
#   docker build -f development.Dockerfile -t avatars-development .
#   docker run -p 8000:8000 -v "$PWD:/source" avatars-development
#   docker run -v "$PWD:/source" avatars-development pytest
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS requirements
ARG POETRY_VERSION=2.5.1
ARG POETRY_EXPORT_VERSION=1.10.1
ENV POETRY_VIRTUALENVS_CREATE=false
RUN python3 -m venv /poetry \
    && /poetry/bin/pip install --quiet --no-cache-dir \
        poetry==${POETRY_VERSION} poetry-plugin-export==${POETRY_EXPORT_VERSION}
WORKDIR /source
COPY pyproject.toml poetry.lock README.md ./
RUN /poetry/bin/poetry check --lock && /poetry/bin/poetry export --with dev --all-extras --output /requirements.txt

FROM ${PYTHON_IMAGE}
RUN python3 -m venv --without-pip /opt/avatars
COPY --from=requirements /requirements.txt /requirements.txt
RUN python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir \
        --require-hashes --requirement /requirements.txt
WORKDIR /source
COPY . .
# Editable: what is mounted on /source later takes the place of this copy.
RUN python3 -m pip --python /opt/avatars/bin/python install --quiet --no-cache-dir --no-deps --editable . \
    && groupadd --gid 1000 developer && useradd --uid 1000 --gid 1000 --create-home developer \
    && mkdir -p data && chown -R 1000:1000 .
ENV PATH=/opt/avatars/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 1000:1000
EXPOSE 8000
CMD ["uvicorn", "main:app", "--reload", "--host", "0.0.0.0", "--port", "8000"]
