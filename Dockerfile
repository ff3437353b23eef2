# topicwire in a small image: docker run --read-only -v topicwire:/var/lib/topicwire -v ./feeds.toml:/etc/topicwire/feeds.toml:ro -p 8080:8080 topicwire
# In feeds.toml: listen = "0.0.0.0:8080", and the address that readers use.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
ARG BUILD
ENV TOPICWIRE_BUILD=$BUILD
RUN cargo build --locked --release && mkdir -p /data/store

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /source/target/release/topicwire /usr/bin/topicwire
COPY --from=build /source/feeds.toml /etc/topicwire/feeds.toml
COPY --from=build --chown=nonroot:nonroot /data /var/lib/topicwire
VOLUME /var/lib/topicwire
EXPOSE 8080
ENTRYPOINT ["/usr/bin/topicwire", "--config", "/etc/topicwire/feeds.toml", "--store", "/var/lib/topicwire/store"]
CMD ["run"]
