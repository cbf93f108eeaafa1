// The part of curl that the guides use, for machines without one: `-sS`, `-H`, `-d` and a URL.

const headers = new Headers();
let body: string | undefined;
let url = '';

const args = process.argv.slice(2);
for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
  const value = arg === '-H' || arg === '-d' ? args.shift() : undefined;
  if (arg === '-d' && value !== undefined) body = value;
  else if (arg === '-H' && value !== undefined) setHeader(value);
  else if (!arg.startsWith('-')) url = arg;
  else if (arg !== '-sS') throw new Error(`curl: ${arg} is not known here`);
}

function setHeader(line: string): void {
  const end = line.indexOf(':');
  headers.set(line.slice(0, end), line.slice(end + 1).trim());
}

const response = await fetch(
  url,
  body === undefined ? { headers } : { method: 'POST', headers, body },
);
process.stdout.write(await response.text());
