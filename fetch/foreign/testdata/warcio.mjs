// Writes warcio.warc.gz with warcio.js 2.4.11: npm install warcio@2.4.11 && node warcio.mjs
import {WARCRecord, WARCSerializer} from "warcio";
import fs from "fs";
const out=[];
async function put(rec){ for await (const c of new WARCSerializer(rec,{gzip:true})) out.push(Buffer.from(c)); }
const enc=new TextEncoder();
const text=p=>`<html><head><title>Clipzy Privacy Policy</title></head><body><h1>Privacy Policy</h1><p>We store your personal data on servers in ${p} and nowhere else, and we tell you when that changes.</p><p>We keep them until you delete your account, and you can ask us for a copy of them at any time.</p></body></html>`;
const url="https://clipzy.example/privacy";
const info=await WARCRecord.createWARCInfo({filename:"made.warc.gz",warcVersion:"WARC/1.1"},{software:"warcio.js 2.4.11",operator:"Clipzy Watch"});
await put(info);
async function* g(s){ yield enc.encode(s); }
const mk=(type,date,extra,head,status,body)=>WARCRecord.create({url,date,type,warcVersion:"WARC/1.1",warcHeaders:extra,httpHeaders:head,statusline:status},g(body));
const r1=mk("response","2026-01-10T08:00:00Z",{}, {"Content-Type":"text/html; charset=utf-8"},"HTTP/1.1 200 OK",text("Ireland"));
await put(r1);
const id=r1.warcHeaders.headers.get("WARC-Record-ID"), pd=r1.warcPayloadDigest;
await put(mk("request","2026-01-10T08:00:00Z",{"WARC-Concurrent-To":id},{"Accept":"text/html"},"GET /privacy HTTP/1.1",""));
await put(mk("revisit","2026-02-10T08:00:00Z",{"WARC-Profile":"http://netpreserve.org/warc/1.1/revisit/identical-payload-digest","WARC-Refers-To":id,"WARC-Refers-To-Target-URI":url,"WARC-Refers-To-Date":"2026-01-10T08:00:00Z","WARC-Payload-Digest":pd},{"Content-Type":"text/html; charset=utf-8"},"HTTP/1.1 200 OK",""));
await put(mk("response","2026-03-10T08:00:00Z",{}, {"Content-Type":"text/html; charset=utf-8"},"HTTP/1.1 200 OK",text("Japan")));
fs.writeFileSync("warcio.warc.gz",Buffer.concat(out));
