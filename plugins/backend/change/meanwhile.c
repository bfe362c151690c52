#include "meanwhile.h"

static void *run(void *context)
{
	struct meanwhile *meanwhile = context;

	meanwhile->ok = meanwhile->work(meanwhile->context, &meanwhile->error);
	return NULL;
}

void meanwhile_start(struct meanwhile *meanwhile, meanwhile_work *work, void *context)
{
	*meanwhile = (struct meanwhile){.work = work, .context = context};
	meanwhile->threaded = pthread_create(&meanwhile->thread, NULL, run, meanwhile) == 0;
	if (!meanwhile->threaded)
		run(meanwhile);
}

bool meanwhile_finish(struct meanwhile *meanwhile, struct error *error)
{
	if (meanwhile->threaded)
		pthread_join(meanwhile->thread, NULL);
	if (!meanwhile->ok && error)
		*error = meanwhile->error;
	return meanwhile->ok;
}
