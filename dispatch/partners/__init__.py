"""Who hands out: partners, their outlets and riders, and the depots they collect from."""
