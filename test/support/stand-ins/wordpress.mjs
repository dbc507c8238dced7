// Stands in for WordPress: shows the posts of its database, and takes new ones; uploads go to its own disk.
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const uploads = '/var/www/html';
const { WORDPRESS_DB_HOST: host, WORDPRESS_DB_USER: user, WORDPRESS_DB_PASSWORD: password } = process.env;

/** @param {string} statement */
function query(statement) {
  const socket = connect(3306, host, () => socket.write(`${user} ${password} wordpress\n${statement}\n`));
  return text(socket);
}

createServer((request, response) => {
  const answer = async () => {
    if (request.method === 'POST') {
      const post = await text(request);
      writeFileSync(`${uploads}/${post}.jpg`, post);
      return query(post);
    }
    const posts = await query('select');
    if (posts.includes('denied')) throw new Error(posts);
    return `posts: ${posts.trim().split('\n').join()}; uploads: ${readdirSync(uploads).join()}`;
  };
  answer().then(
    (page) => response.end(page),
    (error) => {
      response.statusCode = 500;
      response.end(String(error));
    },
  );
}).listen(80);
process.on('SIGTERM', () => process.exit(0));
