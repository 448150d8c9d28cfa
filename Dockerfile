# Pressrun with its queue and all extras, as the user pressrun; the workspace is the volume /data.
FROM debian:bookworm-slim

COPY . /src
RUN /src/packaging/install.sh && rm -rf /src

USER pressrun
WORKDIR /data
VOLUME /data
ENV PATH=/usr/local/lib/pressrun/bin:$PATH LANG=C.UTF-8
EXPOSE 8750

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8750/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["pressrun"]
CMD ["serve", "--host", "0.0.0.0", "--no-worker"]
