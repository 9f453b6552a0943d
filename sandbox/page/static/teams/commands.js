// What a bot says it understands, suggested while one types.

/** From a text to the suggestions for it. `commands` are {title, description}, or the verbs' {words, hint}. */
export function suggestions(commands) {
  const listed = commands.map(({ title, command, words, description, hint }) => ({
    words: [words ?? title ?? command].flat(),
    detail: description ?? hint ?? "",
  }));
  return (text) => {
    const begun = text.toLowerCase();
    return listed.flatMap(({ words, detail }) => {
      const word = words.find((one) => one.toLowerCase().startsWith(begun));
      return word ? [{ insert: word, title: word, detail }] : [];
    });
  };
}
