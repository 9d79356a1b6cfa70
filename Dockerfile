# The program alone: no shell, no libraries, user 65534. `make image` builds it.
ARG BASE=debian:bookworm-slim
FROM ${BASE} AS build
WORKDIR /src
COPY tools/deps tools/deps
RUN tools/deps build
COPY . .
ARG VERSION=unknown
# The two links are what the image of wollomatic/socket-proxy has at these places.
RUN make -j"$(nproc)" MOONWARD_VERSION="$VERSION" \
 && mkdir -p /image /run-moonward \
 && strip -o /image/moonward build/release/moonward \
 && ln -s moonward /image/socket-proxy \
 && ln -s moonward /image/healthcheck

FROM scratch
COPY --from=build /image/ /
# For Unix sockets in a volume: a named volume begins as what the image has at its place.
COPY --from=build --chown=65534:65534 /run-moonward/ /run/moonward/
USER 65534:65534
EXPOSE 2375
# For the health check below; SP_ALLOWHEALTHCHECK=false turns it off. Until the first check a container is
# "starting": 5 seconds, and not Docker's 30. --start-interval is not known to the builder of older engines.
ENV SP_ALLOWHEALTHCHECK=true
HEALTHCHECK --interval=5s --timeout=6s --retries=3 CMD ["/moonward", "healthcheck"]
ENTRYPOINT ["/moonward"]
