// Starts a thread, asks it as often as the argument says, and leaves it open.
import { threadsOf } from '../../src/threads.ts';

const [task = '', questions = '0'] = process.argv.slice(2);
const channel = threadsOf(new URL('./thread-tasks.ts', import.meta.url)).spawn(task, 'first');
channel.receive((message) => console.log(String(message)));
for (let question = 1; question <= Number(questions); question += 1) {
  channel.post(`question ${question}`);
}
console.log('asked');
