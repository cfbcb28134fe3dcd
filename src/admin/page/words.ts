// What the pages say, in English and in Chinese: every word is in both, or it does not compile.
import type { Language } from "../../domain/report.ts";
import { decide } from "./words/decide.ts";
import { frame } from "./words/frame.ts";
import { incident } from "./words/incident.ts";
import { names } from "./words/names.ts";
import { overview } from "./words/overview.ts";
import { run } from "./words/run.ts";
import type { Same } from "./words/same.ts";

const en = { ...frame.en, ...names.en, ...overview.en, ...incident.en, ...run.en, ...decide.en };
export type Words = Same<typeof en>;

const zh: Words = { ...frame.zh, ...names.zh, ...overview.zh, ...incident.zh, ...run.zh, ...decide.zh };

export const words: Readonly<Record<Language, Words>> = { en, zh };
