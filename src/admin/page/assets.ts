// What every page loads, the log-in's included: the style sheet, the script, the icon. They tell nothing, so they are served
// to everybody. Each is addressed by a hash of its text, and kept by the browser for good.
import { Hono } from "hono";
import { live } from "./live.ts";
import { style } from "./style.ts";

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b6bcb"/>' +
  '<path d="M9 2 4 9h3l-1 5 6-8H8z" fill="#fff"/></svg>';

const texts = {
  "style.css": { type: "text/css", text: style },
  "live.js": { type: "text/javascript", text: live },
  "icon.svg": { type: "image/svg+xml", text: icon },
} as const;
type Name = keyof typeof texts;

const addresses = new Map<Name, string>();

/** Where it is, below the origin. */
export function addressOf(name: Name): string {
  const address = addresses.get(name) ?? `/admin/assets/${hashOf(texts[name].text)}/${name}`;
  addresses.set(name, address);
  return address;
}

/** FNV-1a: tells one text from another, and needs no waiting. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** Their routes, below /admin, for everybody. */
export const assets = new Hono<{ Bindings: Env }>();

for (const name of ["style.css", "live.js", "icon.svg"] as const)
  assets.get(`/assets/:hash/${name}`, (c) => {
    const { type, text } = texts[name];
    // During a rollout the page may be of another release than this one: that text must not be kept under its address.
    const is_same = c.req.path === addressOf(name);
    const kept = is_same ? "public, max-age=31536000, immutable" : "no-store";
    return c.body(text, 200, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": kept });
  });
