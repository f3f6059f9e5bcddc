/** Filled in when the shared form is there. */
export function FormPreview(_props: { schema: unknown }) {
  return null;
}
