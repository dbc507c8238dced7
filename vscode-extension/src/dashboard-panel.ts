/** The dashboard in a frame. Pure text: what it may load is the one address. */

/** @param url of the dashboard, with its token */
export function dashboardHtml(url: string): string {
  const { origin } = new URL(url);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; frame-src ${origin}`;
  const escaped = url.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta http-equiv="content-security-policy" content="${policy}">`,
    '<style>html, body, iframe { width: 100%; height: 100%; margin: 0; border: 0; padding: 0; }</style></head>',
    `<body><iframe title="Kubewright" src="${escaped}"></iframe></body>`,
    '</html>',
  ].join('\n');
}
