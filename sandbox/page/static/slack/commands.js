// What Slack suggests while one types a slash: the commands of the manifest, then what can stand behind them.

/** From a text to the suggestions for it. `commands` are {command, usage, description, verbs: [{words, hint}]}. */
export function commandsFor(commands) {
  return (text) => {
    if (!text.startsWith("/")) return [];
    const [command, ...rest] = text.split(" ");
    if (rest.length === 0) return commands.filter((one) => one.command.startsWith(command)).map(suggested);
    const known = commands.find((one) => one.command === command);
    return verbsOf(known, rest.join(" ").toLowerCase());
  };
}

function suggested({ command, usage, description }) {
  return { insert: `${command} `, title: `${command} ${usage ?? ""}`, detail: description };
}

function verbsOf(command, begun) {
  return (command?.verbs ?? [])
    .map(({ words, hint }) => ({ word: wordFor([words].flat(), begun), hint }))
    .filter(({ word }) => word)
    .map(({ word, hint }) => ({ insert: `${command.command} ${word}`, title: `${command.command} ${word}`, detail: hint }));
}

/** The first of a verb's words that what was typed can become. */
function wordFor(words, begun) {
  return words.find((word) => word.toLowerCase().startsWith(begun));
}
