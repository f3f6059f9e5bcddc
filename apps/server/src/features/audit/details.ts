/** The details of an action event; null for what is no JSON: whoever writes to the database may have put anything there. */
export function readDetails(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
