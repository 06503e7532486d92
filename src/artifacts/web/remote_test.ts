import assert from "node:assert/strict";
import { ConsistError } from "../../errors.ts";
import { DigestMemo } from "../digest_memo.ts";
import { remoteFile } from "./remote.ts";
import { tempFolder } from "../temp_folder.ts";

/** A server on this machine, and what it was asked. */
function serve(answer: (request: Request, count: number) => Response | Promise<Response>) {
  const asked: Request[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(request);
    return answer(request, asked.length);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}
/** A server that speaks by hand: one text for each connection, and then whatever `after` does. */
function speak(text: string, after: (connection: Deno.Conn) => unknown = (connection) => connection.close()) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  const work = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await connection.read(new Uint8Array(4096));
      if (text !== "") await connection.write(new TextEncoder().encode(text));
      await after(connection);
    }
  })();
  const url = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const end = async () => {
    listener.close();
    await work;
    for (const connection of open) {
      try {
        connection.close();
      } catch {
        // closed already
      }
    }
  };
  return { url, [Symbol.asyncDispose]: end };
}
async function refused(promise: Promise<unknown>): Promise<ConsistError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof ConsistError, `wanted a ConsistError, found ${error}`);
  return error;
}
const filesBelow = (dir: string): string[] =>
  [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => isDirectory ? filesBelow(`${dir}/${name}`) : [name]).sort();
async function place() {
  const folder = await tempFolder();
  const warnings: string[] = [];
  const get = (url: string, patienceMs = 5_000) =>
    remoteFile(url, { folder: folder.path, memo: new DigestMemo(), warn: (message) => void warnings.push(message), patienceMs });
  return { folder: folder.path, get, warnings, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
const text = (path: string) => Deno.readTextFile(path);

Deno.test("remoteFile() fetches once, and asks by ETag whether the file changed", async () => {
  await using here = await place();
  let [body, tag] = ["one", '"1"'];
  await using server = serve((request) =>
    request.headers.get("if-none-match") === tag ? new Response(null, { status: 304 }) : new Response(body, { headers: { etag: tag } })
  );
  const first = await here.get(`${server.url}/data.csv`);
  const again = await here.get(`${server.url}/data.csv#part`);
  assert.deepEqual(again, first);
  assert.deepEqual(server.asked.map((request) => request.headers.get("if-none-match")), [null, '"1"']);
  [body, tag] = ["two", '"2"'];
  const changed = await here.get(`${server.url}/data.csv`);
  assert.notEqual(changed.path, first.path);
  assert.deepEqual([await text(first.path), await text(changed.path)], ["one", "two"], "an earlier run's input stays");
});

Deno.test("remoteFile() asks by Last-Modified only where a second change would show", async () => {
  await using here = await place();
  let modified = new Date(Date.now() - 3_600_000).toUTCString();
  await using server = serve((request) =>
    request.headers.has("if-modified-since")
      ? new Response(null, { status: 304 })
      : new Response("x", { headers: { "last-modified": modified } })
  );
  await here.get(`${server.url}/a.txt`);
  await here.get(`${server.url}/a.txt`);
  assert.deepEqual(server.asked.map((request) => request.headers.has("if-modified-since")), [false, true]);
  modified = new Date().toUTCString();
  await here.get(`${server.url}/b.txt`);
  await here.get(`${server.url}/b.txt`);
  assert.deepEqual(server.asked.slice(2).map((request) => request.headers.has("if-modified-since")), [false, false]);
});

Deno.test("remoteFile() fetches anew what was damaged in its folder", async () => {
  await using here = await place();
  await using server = serve((request) =>
    request.headers.has("if-none-match") ? new Response(null, { status: 304 }) : new Response("whole", { headers: { etag: '"1"' } })
  );
  const { path } = await here.get(`${server.url}/x.txt`);
  await Deno.writeTextFile(path, "damaged");
  assert.equal(await text((await here.get(`${server.url}/x.txt`)).path), "whole");
});

Deno.test("remoteFile() asked twice at once asks the server once", async () => {
  await using here = await place();
  await using server = serve(() => new Response("x"));
  const both = await Promise.all([here.get(`${server.url}/x.txt`), here.get(`${server.url}/x.txt`)]);
  assert.deepEqual(both[0], both[1]);
  assert.equal(server.asked.length, 1);
});

Deno.test("remoteFile() uses the copy that was kept where the server is gone or in trouble, with a warning", async () => {
  await using here = await place();
  let status = 200;
  let url = "";
  {
    await using server = serve(() => new Response("kept", { status }));
    url = `${server.url}/x.txt`;
    await here.get(url);
    for (status of [500, 503, 429]) assert.equal(await text((await here.get(url)).path), "kept");
    assert.equal((await refused(here.get(`${server.url}/other`))).code, "input_unreadable");
    status = 404;
    assert.equal((await refused(here.get(url))).code, "input_missing", "what is gone is not offline");
  }
  assert.equal(await text((await here.get(url)).path), "kept");
  assert.equal(here.warnings.length, 4);
  assert.match(here.warnings.at(-1)!, /could not be asked whether it changed.*refused.*the copy that was kept is used/i);
  const error = await refused(here.get(url.replace("x.txt", "never.txt")));
  assert.deepEqual([error.code, error.path], ["input_unreadable", url.replace("x.txt", "never.txt")]);
});

Deno.test("remoteFile() says what a server refuses", async () => {
  await using here = await place();
  await using server = serve((request) => new Response(null, { status: Number(new URL(request.url).pathname.slice(1)) }));
  for (
    const [status, code] of [[404, "input_missing"], [410, "input_missing"], [401, "input_unreadable"], [403, "input_unreadable"], [
      204,
      "input_unreadable",
    ]] as const
  ) {
    const error = await refused(here.get(`${server.url}/${status}`));
    assert.equal(error.code, code);
    assert.match(error.why, new RegExp(`answered ${status}`));
  }
  assert.deepEqual(filesBelow(here.folder), []);
});

Deno.test("remoteFile() follows redirects, but not round in circles, to nowhere, or to what is less safe", async () => {
  await using here = await place();
  await using server = serve((request) => {
    const { pathname } = new URL(request.url);
    const to: Record<string, string> = { "/a.csv": "/b", "/b": "/c", "/loop": "/loop", "/file": "file:///etc/passwd", "/bad": "http://" };
    if (pathname === "/c") return new Response("there");
    return new Response(null, { status: 302, headers: to[pathname] === undefined ? {} : { location: to[pathname]! } });
  });
  const found = await here.get(`${server.url}/a.csv`);
  assert.deepEqual([await text(found.path), found.path.endsWith("a.csv")], ["there", true]);
  assert.match((await refused(here.get(`${server.url}/loop`))).why, /more than 10 times/);
  assert.match((await refused(here.get(`${server.url}/file`))).why, /less safe/);
  assert.match((await refused(here.get(`${server.url}/nowhere`))).why, /does not say where to/);
  assert.match((await refused(here.get(`${server.url}/bad`))).why, /does not say where to/);
});

Deno.test("remoteFile() leaves no half file of an answer that is cut", async () => {
  await using here = await place();
  await using server = speak("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this");
  const error = await refused(here.get(`${server.url}/x.csv`));
  assert.equal(error.code, "input_unreadable");
  assert.match(error.why, /9 (?:of 1000 )?bytes/);
  assert.deepEqual(filesBelow(here.folder), []);
});

for (
  const [what, words, why] of [["never answers", "", /did not answer within 0\.2 s/], [
    "stops in the middle",
    "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this",
    /Nothing came for 0\.2 s, after 9 bytes/,
  ]] as const
) {
  Deno.test(`remoteFile() gives up on a server that ${what}`, async () => {
    await using here = await place();
    await using server = speak(words, () => {});
    const error = await refused(here.get(`${server.url}/x.csv`, 200));
    assert.match(error.why, why);
    assert.deepEqual(filesBelow(here.folder), []);
  });
}

Deno.test("remoteFile() gives a name by the address, or by the content's type", async () => {
  await using here = await place();
  await using server = serve((request) =>
    new Response("x", {
      headers: { "content-type": new URL(request.url).pathname.endsWith("table") ? "text/csv; charset=utf-8" : "text/html" },
    })
  );
  const nameOf = async (path: string) => (await here.get(server.url + path)).path.split("/").at(-1);
  assert.equal(await nameOf("/table"), "table.csv");
  assert.equal(await nameOf("/table.json?version=2"), "table.json");
  assert.equal(await nameOf("/"), "index.html");
  assert.equal(await nameOf("/%2e%2e%2f%2e%2e%2fpasswd.txt"), ".._.._passwd.txt");
  assert.equal(await nameOf("/%zz.txt"), "_zz.txt");
});

Deno.test("remoteFile() refuses an address with a password", async () => {
  await using here = await place();
  const error = await refused(here.get("https://user:secret@example.invalid/x.csv"));
  assert.doesNotMatch(error.message, /secret/);
});

Deno.test("remoteFile() removes what a dead download left, and nothing that is younger", async () => {
  await using here = await place();
  await using server = serve((_, count) => new Response(`content ${count}`));
  const { path } = await here.get(`${server.url}/x.txt`);
  const place_ = path.split("/").slice(0, -2).join("/");
  for (const name of ["x.txt.0123abcd.tmp", "x.txt.89abcdef.tmp"]) await Deno.writeTextFile(`${place_}/${name}`, "half");
  await Deno.utime(`${place_}/x.txt.0123abcd.tmp`, 1, 1);
  await here.get(`${server.url}/x.txt`);
  assert.deepEqual(filesBelow(here.folder).filter((name) => name.endsWith(".tmp")), ["x.txt.89abcdef.tmp"]);
});
