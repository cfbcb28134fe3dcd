// `npm run playbook`: the playbook in plain words, what is wrong with it and with the settings here, and what it would make of
// a push. Reads files of this project and the environment; asks nobody, and changes nothing.

import type { Action } from "../src/actions/action.ts";
import type { Playbook } from "../src/domain/playbook.ts";
import { wordsOf } from "../src/domain/thrown.ts";
import { explain, titleOf } from "./playbook-explain.ts";
import { HELP, type Input, readInput, WrongInput } from "./playbook-input.ts";
import { blocks, list } from "./playbook-layout.ts";
import { loadPlaybook } from "./playbook-loading.ts";
import type { Here } from "./playbook-settings.ts";
import { faultsInSetup, notesOnSetup } from "./playbook-setup.ts";

const [SOUND, WRONG, WRONG_INPUT] = [0, 1, 2];

async function answer(input: Input): Promise<number> {
  if (input.help) return say(SOUND, HELP.trimEnd());
  const loaded = await loadPlaybook();
  if ("faults" in loaded) return say(WRONG, list("The playbook is wrong:", loaded.faults), AGAIN);
  const { playbook } = loaded;
  const here = await settings(!input.check);
  if (typeof here === "string") return say(WRONG, here);
  if (input.push === null) return tell(playbook, here, input.check);
  // It reads pushes by the playbook, so it can only be loaded once that is sound.
  const { preview } = await import("./playbook-preview.ts");
  return say(SOUND, await preview(input.push, playbook, here));
}

function tell(playbook: Playbook<Action>, here: Here, only_wrong: boolean): number {
  const faults = faultsInSetup(playbook, here);
  if (only_wrong) {
    if (faults.length > 0) return say(WRONG, list("Wrong is:", faults), AGAIN);
    return say(SOUND, `${titleOf(playbook)}. Nothing is wrong with it.`);
  }
  const notes = list("To be known:", notesOnSetup(playbook, here));
  if (faults.length > 0) return say(WRONG, explain(playbook, here), notes, list("Wrong is:", faults), AGAIN);
  return say(SOUND, explain(playbook, here), notes);
}

const AGAIN = "Put it right, and look again with: npm run playbook";

async function settings(with_environment: boolean): Promise<Here | string> {
  // With it comes wrangler, which takes longer to load than all else.
  const { settingsHere } = await import("./playbook-settings.ts");
  try {
    return settingsHere(with_environment);
  } catch (error) {
    return `wrangler.toml cannot be read: ${wordsOf(error)}`;
  }
}

function say(code: number, ...said: string[]): number {
  process.stdout.write(`${blocks(...said)}\n`);
  return code;
}

try {
  process.exitCode = await answer(readInput(process.argv.slice(2), Date.now()));
} catch (error) {
  if (!(error instanceof WrongInput)) throw error;
  process.stderr.write(`${error.message}\nnpm run playbook -- --help tells more.\n`);
  process.exitCode = WRONG_INPUT;
}
