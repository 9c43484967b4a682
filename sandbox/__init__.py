"""The local AWS that the stack runs on: an emulator with enforcement on, plus what it lacks."""
