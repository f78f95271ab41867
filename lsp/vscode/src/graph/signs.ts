// The signs and colours of roles. Lines on a square of 16.

export type Hue = 'blue' | 'purple' | 'green' | 'orange' | 'yellow' | 'red' | 'plain';

interface Look {
  hue: Hue;
  sign: string;
}

const LOOKS: Record<string, Look> = {
  source: { hue: 'plain', sign: 'M3 4c0-2.6 10-2.6 10 0v8c0 2.6-10 2.6-10 0zM3 4c0 2.6 10 2.6 10 0M3 8c0 2.6 10 2.6 10 0' },
  transform: { hue: 'blue', sign: 'M2 4.5h3.5l5 7H14M2 11.5h3.5l5-7H14M11.8 2.3 14 4.5l-2.2 2.2M11.8 9.3 14 11.5l-2.2 2.2' },
  train: { hue: 'purple', sign: 'M2 2.5v11h12M4.5 10.5l3-3.5 2 2 4-5.5' },
  tune: { hue: 'purple', sign: 'M3 4.5h5M11 4.5h2M3 11.5h2M8 11.5h5M9.5 3v3M6.5 10v3' },
  evaluate: { hue: 'yellow', sign: 'M2.5 12a6 6 0 1 1 11 0M8 10.5l3-4' },
  register: { hue: 'green', sign: 'M2.5 5.5 8 2.5l5.5 3v5.5L8 14l-5.5-3zM2.5 5.5 8 8.5l5.5-3M8 8.5V14' },
  deploy: { hue: 'orange', sign: 'M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 10v3.5h11V10' },
  notify: { hue: 'blue', sign: 'M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.8 14.5h2.4' },
  trigger: { hue: 'orange', sign: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z' },
  monitor: { hue: 'orange', sign: 'M1.5 8.5h3l2-5 3 9 2-4h3' },
  serve: { hue: 'green', sign: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2M2 8h12M8 2c-4 3.5-4 8.5 0 12M8 2c4 3.5 4 8.5 0 12' },
  studio: { hue: 'plain', sign: 'M2 3h12v8H2zM5.5 14h5M8 11v3' },
  resource: { hue: 'plain', sign: 'M2.5 3h4.5v4.5H2.5zM9 3h4.5v4.5H9zM2.5 9.5H7V14H2.5zM9 9.5h4.5V14H9z' },
  when: { hue: 'yellow', sign: 'M8 2v4M8 6 3.5 13M8 6l4.5 7M2.5 10.5 3.5 13 6 12M13.5 10.5 12.5 13 10 12' },
  each: { hue: 'blue', sign: 'M3 8a5 5 0 0 1 8.5-3.5L13 6M13 2.5V6H9.5M13 8a5 5 0 0 1-8.5 3.5L3 10M3 13.5V10h3.5' },
  fail: { hue: 'red', sign: 'M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4' },
};
LOOKS['for'] = { ...(LOOKS['each'] as Look) };

const OTHER: Look = { hue: 'plain', sign: 'M3 3h10v10H3zM6 8h4' };

export function look(role: string): Look {
  return LOOKS[role] ?? OTHER;
}
