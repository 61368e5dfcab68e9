"""How the drivers of PyTorch time what they measure, and the lines that they print: peer, case, threads, metric, value.

Run with LD_LIBRARY_PATH set to the folder of libopenblas0-openmp, OMP_NUM_THREADS to the number of threads and
ATEN_CPU_CAPABILITY to what the processor has (avx512, avx2): PyTorch is several times slower otherwise.
"""

from time import perf_counter


def measure(run, seconds, together=1):
    """The median and the least of the seconds that a run takes, after two to warm up: at least five runs and for so
    many seconds, but no longer than five times that. `together`: so many are timed at once."""
    run()
    run()
    times = []
    begin = perf_counter()
    while len(times) < 5 or perf_counter() - begin < seconds:
        start = perf_counter()
        for _ in range(together):
            run()
        times.append((perf_counter() - start) / together)
        if len(times) >= 3 and perf_counter() - begin > 5 * seconds:
            break
    times.sort()
    return times[len(times) // 2], times[0]


def report(case, threads, metrics):
    for metric, value in metrics.items():
        print("pytorch", case, threads, metric, f"{value:.5g}", flush=True)
