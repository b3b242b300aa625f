# One image for workers and commands. Build it with `docker compose build`.
FROM python:3.11-slim
WORKDIR /srv/trunkline
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY rating rating
COPY pipeline pipeline
COPY data data
RUN pip install --no-cache-dir --no-deps . && useradd --create-home trunkline \
    && mkdir -p /var/lib/trunkline && chown trunkline /var/lib/trunkline
USER trunkline
VOLUME /var/lib/trunkline
ENTRYPOINT ["trunkline"]
CMD ["--help"]
