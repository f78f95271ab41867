// What a task of tasks.json means on the command line. Knows nothing of VS Code.

export interface Definition {
  command: 'check' | 'build';
  paths?: string[];
  set?: Record<string, string | number | boolean>;
  values?: string[];
  output?: string;
  watch?: boolean;
}

export function commandLine(definition: Definition): string[] {
  return [
    definition.command,
    ...Object.entries(definition.set ?? {}).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...(definition.values ?? []).flatMap((file) => ['--values', file]),
    ...(definition.command === 'build' && definition.output ? ['--output', definition.output] : []),
    ...(definition.watch ? ['--watch'] : []),
    ...(definition.paths?.length ? ['--', ...definition.paths] : []),
  ];
}
