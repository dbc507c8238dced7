FROM kubewright/node:20
COPY server.mjs /app/server.mjs
ENV GUESTBOOK_VERSION=v2
EXPOSE 8080
USER 1000:1000
ENTRYPOINT ["node", "/app/server.mjs"]
