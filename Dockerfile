# The program in a container, which serves a folder of exported models unless it is told another verb:
#
#     docker build -t keras-gans .
#     docker run --rm -p 8501:8501 -v "$PWD/exports:/work:ro" keras-gans
FROM python:3.12-slim

COPY . /src
RUN pip install --no-cache-dir "/src[serve,reports,text]" && rm -rf /src

# Files that it writes in a folder of the host belong to this user; `docker run --user` chooses another.
RUN useradd --create-home --uid 1000 user
USER user
WORKDIR /work
EXPOSE 8501
ENTRYPOINT ["keras-gans"]
CMD ["serve", ".", "--host=0.0.0.0"]
