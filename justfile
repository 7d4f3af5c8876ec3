# The same as the Makefile, for those who have just.
default:
    @make

setup:
    @make setup

demo *ARGS:
    @make demo ARGS="{{ARGS}}"

test:
    @make test
