// Processes as Linux shows them under /proc. Where there is no /proc, the benchmark runs without CPU figures.
import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: on Linux a tick of the counters is 10 ms, whatever the kernel's own. */
const TICK_MS = 10;

/** The ids of this process's children of that name. */
export function childrenNamed(name: string): number[] {
  return processIds().filter((pid) => {
    const stat = readStat(pid);
    return stat !== null && stat.name === name && stat.parent === process.pid;
  });
}

/** CPU time a process has used so far, its own and the kernel's for it; null where it cannot be told. */
export function cpuMs(pid: number): number | null {
  return readStat(pid)?.cpu_ms ?? null;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** proc(5): `pid (name) state ppid …`, the 14th and 15th are user and system time. The name may hold anything but is in brackets. */
function readStat(pid: number): { name: string; parent: number; cpu_ms: number } | null {
  try {
    const parts = /^\d+ \((?<name>.*)\) (?<rest>.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.groups;
    if (parts === undefined) return null;
    const rest = (parts["rest"] ?? "").split(" ");
    const ticks = Number(rest[11]) + Number(rest[12]);
    return { name: parts["name"] ?? "", parent: Number(rest[1]), cpu_ms: ticks * TICK_MS };
  } catch {
    return null; // it has ended meanwhile
  }
}
