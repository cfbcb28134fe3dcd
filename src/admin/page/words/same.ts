// Two languages have the same keys, or it does not compile.

/** The same keys, with other texts. */
export type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]> };
type Widened<T> = T extends (...given: infer Given) => string ? (...given: Given) => string : Same<T>;
