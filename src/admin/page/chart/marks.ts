// Where the marks of what happened stand when many of it happened at once: side by side, in order, near their time; and
// those that would have to stand too far from it share a mark.

/** Things that share a mark; `at_px` is where they would stand, `x_px` where they do. */
export interface Mark<T> {
  things: T[];
  at_px: number;
  x_px: number;
}

/** From the middle of one mark to that of the next: they can be told apart, and hit with a finger. */
export const MARK_PX = 24;
/** Times as many things as there is room for marks. */
const MANY = 4;
/** How far from its time a mark may stand. */
const ASTRAY_PX = 2 * MARK_PX;

/** The marks of things, given in order, on a line that is so wide. They keep their order, and never overlap or leave it. */
export function marksOf<T>(things: readonly T[], placeOf: (thing: T) => number, width_px: number): Mark<T>[] {
  const most = Math.floor(width_px / MARK_PX) + 1;
  // Of very many, those that would be hidden by others are not even tried apart.
  const grain_px = things.length > MANY * most ? MARK_PX / MANY : 0;
  let marks = things.reduce<Mark<T>[]>((marks, thing) => {
    const at_px = Math.min(Math.max(placeOf(thing), 0), 1) * width_px;
    const last = marks.at(-1);
    if (last !== undefined && at_px - last.at_px < grain_px) last.things.push(thing);
    else marks.push({ things: [thing], at_px, x_px: at_px });
    return marks;
  }, []);
  while (marks.length > 1) {
    if (marks.length <= most) marks = apart(marks, width_px);
    const pair = marks.length > most ? closest(marks, 0, marks.length - 1) : inTheWay(marks);
    if (pair === null) return marks;
    marks = joined(marks, pair);
  }
  return marks;
}

/** The first of the pair that is to share a mark; null where every mark stands near its time. */
function inTheWay<T>(marks: readonly Mark<T>[]): number | null {
  const astray = marks.map(({ at_px, x_px }) => Math.abs(x_px - at_px));
  const worst = astray.indexOf(Math.max(...astray));
  if ((astray[worst] ?? 0) <= ASTRAY_PX) return null;
  // Those that push it away stand in a row with it.
  const touches = (left: number) => (marks[left + 1]?.x_px ?? Infinity) - (marks[left]?.x_px ?? 0) < MARK_PX + 0.001;
  let [first, last] = [worst, worst];
  while (first > 0 && touches(first - 1)) first -= 1;
  while (last < marks.length - 1 && touches(last)) last += 1;
  return first === last ? null : closest(marks, first, last);
}

/** Of those from the first to the last: the left one of the pair whose times are closest. */
function closest<T>(marks: readonly Mark<T>[], first: number, last: number): number {
  let best = first;
  const distance = (left: number) => (marks[left + 1]?.at_px ?? Infinity) - (marks[left]?.at_px ?? 0);
  for (let left = first; left < last; left++) if (distance(left) < distance(best)) best = left;
  return best;
}

function joined<T>(marks: readonly Mark<T>[], left: number): Mark<T>[] {
  const [one, other] = [marks[left], marks[left + 1]];
  if (one === undefined || other === undefined) return [...marks];
  const things = [...one.things, ...other.things];
  const at_px = (one.at_px * one.things.length + other.at_px * other.things.length) / things.length;
  return [...marks.slice(0, left), { things, at_px, x_px: at_px }, ...marks.slice(left + 2)];
}

/** The marks moved as little as keeps them apart. */
function apart<T>(marks: readonly Mark<T>[], width_px: number): Mark<T>[] {
  // Without the room that those before it take, each needs only not stand before its neighbour.
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, { at_px }] of marks.entries()) {
    let block = { sum: at_px - index * MARK_PX, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  const room_px = width_px - (marks.length - 1) * MARK_PX;
  const shifts = blocks.flatMap(({ sum, count }) =>
    Array<number>(count).fill(Math.min(Math.max(sum / count, 0), Math.max(room_px, 0))),
  );
  return marks.map((mark, index) => ({ ...mark, x_px: (shifts[index] ?? 0) + index * MARK_PX }));
}
