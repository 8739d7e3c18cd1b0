# The live service with the detectors that ship, without TensorFlow:
#   docker build --tag dfd . && docker run --rm --publish 127.0.0.1:8000:8000 dfd
FROM node:22-slim AS engine
WORKDIR /packages
RUN npm pack @litertjs/core@2.5.3 @litertjs/wasm-utils@2.5.3

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY dfd_tf dfd_tf
COPY configs configs
COPY saved_models saved_models
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --constraint constraints.txt ".[lite,serve]"
COPY --from=engine /packages /packages
RUN DFD_CACHE=/cache /venv/bin/python -m dfd_tf.serve.page.engine /packages/*.tgz

FROM python:3.11-slim
COPY --from=build /venv /venv
COPY --from=build /cache /cache
ENV DFD_CACHE=/cache
RUN useradd --system --no-create-home judge
USER judge
# A container's own address is reached through the ports that are published, and by no one else.
ENTRYPOINT ["/venv/bin/dfd", "serve", "--host", "0.0.0.0"]
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=30s CMD ["/venv/bin/python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
