// A limit on waiting. What is waited for goes on; only the waiting ends.

/** The promise's outcome, or a rejection after `ms`, which names `what` was waited for. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}
