/**
 * What is spoken, one part after the other. A new list takes the place of the one before, so that voices never stack. This
 * module never touches the document.
 *
 * @template Part, Sound
 * @typedef {object} Player
 * @property {(part: Part) => Promise<Sound>} load rejects where there is no sound
 * @property {(sound: Sound) => Promise<unknown>} play resolves once it has ended or was stopped; rejects where it may not play
 * @property {() => void} stop
 */

/** What a player rejects with where it may not play at all: then nothing more of a list is tried. */
export const BLOCKED = new Error("blocked");

/**
 * @template Part, Sound
 * @param {Player<Part, Sound>} player
 * @param {(part?: Part) => void} mark shows the part that is spoken now, or that none is
 * @param {(heard: boolean) => void} tell says whether a part was heard
 */
export function makeQueue(player, mark, tell) {
  /** @type {Part[]} */
  let waiting = [];
  /** The list that is spoken; what belongs to another one is over. @type {object | undefined} */
  let current;

  const run = async () => {
    const mine = (current = {});
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      mark(part);
      try {
        const sound = await player.load(part);
        if (mine !== current) {
          return;
        }
        await player.play(sound);
        tell(true);
      } catch (fault) {
        tell(false);
        if (fault === BLOCKED) {
          waiting = [];
        }
      }
      if (mine !== current) {
        return;
      }
    }
    current = undefined;
    mark();
  };

  const stop = () => {
    waiting = [];
    current = undefined;
    player.stop();
    mark();
  };

  return {
    stop,
    /** Speak these instead of whatever is spoken. @param {Iterable<Part>} parts */
    speak(parts) {
      stop();
      waiting = [...parts];
      void run();
    },
    /** Speak these after what is spoken. @param {Iterable<Part>} parts */
    add(parts) {
      waiting.push(...parts);
      if (!current) {
        void run();
      }
    },
  };
}
