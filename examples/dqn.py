"""A player learns by trial and error: deep Q-learning with a replay buffer and a target network.

    python examples/dqn.py [--games 2500] [--out result] [--quick]

Mnih and others: Human-level control through deep reinforcement learning (2015). A ball falls through a grid, one row
per step, and the wind blows it to the left or right at random; a player at the bottom moves by one column per step, and
wins when the ball falls on it. The network computes Q, the probability to win after each of the three moves. It learns
from the moves that it remembers: Q shall be 1 or 0 at the end of a game, and before that what a copy of the network,
which is renewed from time to time, expects of the best next move. The game is small, so the best Q can be computed, and
is compared with what was learned.
"""

import argparse
import copy
import pathlib
from collections import deque
from typing import NamedTuple

import numpy as np

import chaingrad
import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import optimizers, serializers
from chaingrad.training.plotting import new_figure

ROWS, COLUMNS = 7, 6
MOVES = (-1, 0, 1)
WIND = (0.15, 0.7, 0.15)  # probabilities that the ball goes left, straight down, right; a wall stops it


class State(NamedTuple):
    """The row and the column of the ball, and the column of the player."""

    row: int
    ball: int
    player: int


class Memory(NamedTuple):
    """A move that was made, and what came of it."""

    state: State
    move: int
    next_state: State
    won: bool


def moved(column, step):
    """Return a column after a step, between the walls."""
    return min(max(column + step, 0), COLUMNS - 1)


def new_game(rng):
    return State(0, int(rng.integers(COLUMNS)), int(rng.integers(COLUMNS)))


def play(state, move, rng):
    """Return the next state."""
    wind = int(rng.choice(MOVES, p=WIND))
    return State(state.row + 1, moved(state.ball, wind), moved(state.player, MOVES[move]))


def is_over(state):
    return state.row == ROWS - 1


def values(choose):
    """Return the exact Q, (row, ball, player, move), of a player, and its chance to win.

    `choose(row, q)` gives the value, (ball, player), of the moves that the player makes in a row.
    """
    q = np.zeros((ROWS - 1, COLUMNS, COLUMNS, len(MOVES)))
    after = np.eye(COLUMNS)  # (ball, player) in the last row: 1 where they meet
    for row in reversed(range(ROWS - 1)):
        for ball in range(COLUMNS):
            expected = sum(p * after[moved(ball, step)] for p, step in zip(WIND, MOVES))
            for player in range(COLUMNS):
                q[row, ball, player] = [expected[moved(player, step)] for step in MOVES]
        after = choose(row, q[row])
    return q, after.mean()


def images(states):
    """Return what the network sees, (n, (ROWS + 1) * COLUMNS): a grid with the ball, and a row with the player."""
    row, ball, player = np.array(states).T
    x = np.zeros((len(states), ROWS * COLUMNS + COLUMNS), np.float32)
    n = np.arange(len(states))
    x[n, row * COLUMNS + ball] = x[n, ROWS * COLUMNS + player] = 1
    return x


class QFunction(chaingrad.Chain):
    """The chance to win after each move, from images of states."""

    def __init__(self, n_hidden=64):
        super().__init__()
        with self.init_scope():
            self.hidden = L.Linear(None, n_hidden)
            self.out = L.Linear(n_hidden, len(MOVES), initialW=0)

    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))

    def best_move(self, state):
        with chaingrad.no_backprop_mode():
            return int(self(images([state])).array.argmax())


def learn(model, target, optimizer, memories):
    """Change the network a little, so that it agrees better with what came of some moves."""
    batch = Memory(*zip(*memories))
    over = np.array([is_over(state) for state in batch.next_state])
    with chaingrad.no_backprop_mode():
        expected = target(images(batch.next_state)).array.max(axis=1)
    t = np.where(over, batch.won, expected).astype(np.float32)
    optimizer.update(lambda: F.mean_squared_error(F.select_item(model(images(batch.state)), np.array(batch.move)), t))


def train(model, n_games, rng):
    """Play and learn; return for every game whether it was won."""
    target = copy.deepcopy(model)
    optimizer = optimizers.Adam().setup(model)
    memories, won, n = deque(maxlen=20000), [], 0
    for game in range(n_games):
        curiosity = max(0.3, 1 - 1.5 * game / n_games)  # how often a move is drawn at random, to see what comes of it
        optimizer.alpha = 0.004 * (1 - game / n_games)
        state = new_game(rng)
        while not is_over(state):
            move = int(rng.integers(len(MOVES))) if rng.random() < curiosity else model.best_move(state)
            next_state = play(state, move, rng)
            memories.append(
                Memory(state, move, next_state, is_over(next_state) and next_state.ball == next_state.player)
            )
            state, n = next_state, n + 1
            if n >= 200 and n % 2 == 0:
                learn(model, target, optimizer, [memories[i] for i in rng.integers(len(memories), size=64)])
            if n % 300 == 0:
                target.copyparams(model)
        won.append(memories[-1].won)
    return np.array(won)


def draw(won, q, best, path):
    """Draw the share of games won while learning, and the learned chances beside the exact ones."""
    figure = new_figure(figsize=(9, 4))
    left, right = figure.subplots(1, 2)
    window = max(1, len(won) // 20)
    left.plot(np.arange(window, len(won) + 1), np.convolve(won, np.full(window, 1 / window), 'valid'))
    left.set(xlabel='game', ylabel=f'won, of {window} games', ylim=(0, 1))
    right.plot([0, 1], [0, 1], color='gray', linewidth=1)
    right.scatter(best.ravel(), q.ravel(), s=4)
    right.set(xlabel='exact Q', ylabel='learned Q')
    figure.tight_layout()
    figure.savefig(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--games', type=int, default=2500)
    parser.add_argument('--out', default='result', help='folder for plot and model')
    parser.add_argument('--quick', action='store_true', help='1000 games')
    options = parser.parse_args(argv)
    n_games = 1000 if options.quick else options.games

    np.random.seed(0)
    rng = np.random.default_rng(0)
    model = QFunction()
    model(images([new_game(rng)]))  # now the sizes are known
    won = train(model, n_games, rng)

    best, possible = values(lambda row, q: q.max(axis=2))
    _, blind = values(lambda row, q: q.mean(axis=2))
    with chaingrad.no_backprop_mode():
        q = model(images(list(np.ndindex(best.shape[:-1])))).array.reshape(best.shape)
    moves = q.argmax(axis=3)[..., None]
    _, chance = values(lambda row, exact: np.take_along_axis(exact, moves[row], axis=2)[..., 0])
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    draw(won, q, best, out / 'dqn.png')
    serializers.save_npz(out / 'model.npz', model)

    print(f'Q is wrong by {np.abs(q - best).mean():.3f} on average')
    print(f'{chance:.3f} of the games won; {possible:.3f} is the best possible, {blind:.3f} by moves at random')
    assert chance > possible - (0.1 if options.quick else 0.04), chance


if __name__ == '__main__':
    main()
