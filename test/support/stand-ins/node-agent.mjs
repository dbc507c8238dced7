// Stands in for an agent: says on which node it is, and what its account may see of the cluster.
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const { NODE_NAME: node, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;

/** @param {string} path */
function get(path) {
  const headers = { Authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}` };
  return new Promise((done, reject) => {
    const options = { host, port, path, headers, ca: readFileSync(`${account}/ca.crt`) };
    request(options, (response) => json(response).then(done, reject))
      .on('error', reject)
      .end();
  });
}

createServer((_, response) => {
  const answer = async () => {
    const nodes = await get('/api/v1/nodes');
    const secrets = await get('/api/v1/secrets');
    return {
      node,
      nodes: nodes.items.map(({ metadata }) => metadata.name),
      secrets: secrets.reason,
      logs: readdirSync('/host/log').length > 0,
    };
  };
  answer().then(
    (found) => response.end(JSON.stringify(found)),
    (error) => {
      response.statusCode = 500;
      response.end(String(error));
    },
  );
}).listen(9100);
process.on('SIGTERM', () => process.exit(0));
