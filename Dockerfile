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
# For the health check below; -allowhealthcheck=false turns it off.
ENV SP_ALLOWHEALTHCHECK=true
HEALTHCHECK CMD ["/moonward", "healthcheck"]
ENTRYPOINT ["/moonward"]
