"""The local AWS that the stack runs on: MiniStack with enforcement on, plus what it lacks."""
