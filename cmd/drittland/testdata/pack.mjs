// Captures pages with warcio.js and packs them with js-wacz, as other archives do: node pack.mjs FOLDER ADDRESS...
// FOLDER gets capture.warc.gz, with one gzip member for each record, and capture.wacz. Redirects are captured one by one.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import {WACZ} from "@harvard-lil/js-wacz";
import {WARCRecord, WARCSerializer} from "warcio";

const [folder, ...addresses] = process.argv.slice(2);
const warc = path.join(folder, "capture.warc.gz");
const out = fs.createWriteStream(warc);

async function put(record) {
  for await (const part of new WARCSerializer(await record, {gzip: true})) out.write(part);
}

// get asks for one page and gives the answer with its body as it came, chunks taken apart.
function get(address) {
  return new Promise((resolve, reject) => {
    http.get(address, {headers: {"accept-encoding": "gzip", "user-agent": "Clipzy Watch"}}, answer => {
      const parts = [];
      answer.on("data", part => parts.push(part));
      answer.on("end", () => resolve({answer, body: Buffer.concat(parts)}));
    }).on("error", reject);
  });
}

async function capture(address) {
  const date = new Date().toISOString(), {answer, body} = await get(address), headers = {};
  for (let i = 0; i < answer.rawHeaders.length; i += 2) headers[answer.rawHeaders[i]] = answer.rawHeaders[i + 1];
  const response = await WARCRecord.create({url: address, date, type: "response", warcVersion: "WARC/1.1", httpHeaders: headers,
    statusline: `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`}, (async function* () { yield body; })());
  await put(response);
  const id = response.warcHeaders.headers.get("WARC-Record-ID");
  await put(WARCRecord.create({url: address, date, type: "request", warcVersion: "WARC/1.1", warcHeaders: {"WARC-Concurrent-To": id},
    httpHeaders: {"Accept-Encoding": "gzip"}, statusline: `GET ${new URL(address).pathname} HTTP/1.1`}, (async function* () {})()));
  if (answer.headers.location) await capture(new URL(answer.headers.location, address).href);
}

await put(WARCRecord.createWARCInfo({filename: "capture.warc.gz", warcVersion: "WARC/1.1"}, {software: "warcio.js", operator: "Clipzy Watch"}));
for (const address of addresses) await capture(address);
await new Promise(done => out.end(done));
const wacz = new WACZ({input: warc, output: path.join(folder, "capture.wacz"), title: "Clipzy", description: "A site that does not exist"});
wacz.addPage(addresses[0], "Clipzy");
await wacz.process();
