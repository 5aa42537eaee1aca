# One image for the hosted installation. Build: docker build -t survey-app .   Run: docker run -p 8000:8000 -v survey:/data survey-app
FROM node:22-bookworm-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock requirements-voices.lock requirements-paper.lock ./
RUN python -m venv /app && /app/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
  && /app/bin/pip install --no-cache-dir --require-hashes -r requirements-paper.lock
COPY . .
COPY --from=front-end /src/node_modules ./node_modules
# The engine speaks here, beside the product; the image holds its sounds and not the engine.
RUN /app/bin/pip install --no-cache-dir --require-hashes --target /voices -r requirements-voices.lock \
  && PYTHONPATH=/voices:/src /app/bin/python -m survey_app voices draft
RUN /app/bin/python scripts/vendor.py && /app/bin/python scripts/paper_fonts.py && /app/bin/pip install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data survey && mkdir /data && chown survey /data
COPY --from=build /app /app
USER survey
ENV PATH=/app/bin:$PATH SURVEY_APP_DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["survey-app", "serve", "--host", "0.0.0.0", "--port", "8000"]
